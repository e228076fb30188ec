#### a file that an argument names
cat /var/lib/dpkg/status
## status: 126
## stderr-contains: `cat` may not read `/var/lib/dpkg/status`
## stderr-contains: `--allow-read /var/lib/dpkg/status` would grant it

#### a file that a redirection names
while read -r line; do echo "$line"; done < /var/lib/dpkg/status
## status: 126
## stderr-contains: the script may not read `/var/lib/dpkg/status`

#### the script's own tests, globs and cd see nothing outside
[ -e /var/lib/dpkg/status ] || echo no test
[[ -d /home ]] || echo no directory
echo /var/lib/dpk*
cd /var/lib/dpkg 2>/dev/null || echo no cd
## stdout:
no test
no directory
/var/lib/dpk*
no cd

#### source reads nothing outside
. /var/lib/dpkg/status
echo reached
## stdout:
reached
## stderr-contains: may not read `/var/lib/dpkg/status`

#### no secrets of the host, no users, no processes
cat /etc/shadow 2>/dev/null || echo no shadow
grep -c root: /etc/passwd
ls /proc | grep -c '^[0-9]*$' | awk '{ print ($1 < 5) ? "few processes" : "many" }'
## stdout:
no shadow
1
few processes

#### writing outside
echo x > /usr/msh-was-here
touch /var/tmp/msh-was-here
## status: 126
## stderr-contains: /usr/msh-was-here
## stderr-contains: `--allow-write
