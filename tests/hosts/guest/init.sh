#!/bin/sh
# First process of a test machine: makes what a system has, runs /host.sh, and switches the machine off. With
# `manager=systemd` on the kernel's command line it becomes that, whose last service it then is.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 PYTHONPATH=/project:/packages
if [ -z "$1" ]; then
    # What a kernel unpacks into memory is no place that can be left (pivot_root(2)): so it becomes a mount of its own.
    mkdir /root-of-it
    mount -n --bind / /root-of-it
    cd /root-of-it && mount -n --move . / && exec chroot . /init moved
fi
if [ "$1" = moved ]; then
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
chmod 666 /dev/ptmx
for directory in /dev/shm /run /tmp; do mount -t tmpfs -o mode=1777 tmpfs "$directory"; done
for again in 1 2 3 4 5; do # one needs another, in an order that nothing here knows
    for module in /modules/*.ko; do insmod "$module" 2>/dev/null; done
done
mkdir -m 1777 /disk && mount /dev/vda /disk && chmod 1777 /disk
ip link set lo up
# On another architecture packages were unpacked and not configured.
[ -e /etc/passwd ] || printf 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' >/etc/passwd
[ -e /etc/group ] || printf 'root:x:0:\nnogroup:x:65534:\n' >/etc/group
[ -e /usr/bin/awk ] || ln -s gawk /usr/bin/awk
printf 'tester:x:1000:\n' >>/etc/group
printf 'tester:*:1000:1000::/home/tester:/bin/sh\n' >>/etc/passwd
mkdir -p /home/tester /root && chown 1000:1000 /home/tester
ldconfig
hostname "$(sed 's/.* host=\([^ ]*\).*/\1/' /proc/cmdline)"
fi
if [ "$1" = moved ] && grep -qw manager=systemd /proc/cmdline; then
    mkdir -p /etc/systemd/system/multi-user.target.wants
    ln -s ../hosts.service /etc/systemd/system/multi-user.target.wants
    for unit in serial-getty@ttyS0 getty@tty1 systemd-udev-settle; do ln -s /dev/null "/etc/systemd/system/$unit.service"; done
    cat >/etc/systemd/system/hosts.service <<'END'
[Unit]
After=systemd-user-sessions.service dbus.service user@1000.service
Wants=user@1000.service
[Service]
ExecStart=/init service
StandardOutput=tty
StandardError=tty
TTYPath=/dev/console
END
    exec /usr/lib/systemd/systemd
fi
cd /project
python3 -m compileall -q msh tests/support >/dev/null

# step NAME USER COMMAND: what the host that started the machine reads of its console.
step() {
    name=$1 user=$2 command=$3
    printf '\n==== begin %s\n' "$name"
    begun=$(cut -d. -f1 /proc/uptime)
    case $user in
        root) sh -c "$command" ;;
        *) HOME=/home/tester setpriv --reuid=1000 --regid=1000 --clear-groups sh -c "$command" ;;
    esac </dev/null
    printf '\n==== end %s: status %s after %s s\n' "$name" "$?" "$(($(cut -d. -f1 /proc/uptime) - begun))"
}
. /host.sh
sync
echo '==== done'
poweroff -f 2>/dev/null || busybox poweroff -f
sleep 60
