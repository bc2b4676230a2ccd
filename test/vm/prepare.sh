# Sourced by run-in-vm: finds or fetches QEMU, busybox, cpio and a kernel, and makes the initramfs. What is not installed
# is unpacked to a cache folder through a private apt state: no root, and the system's own lists stay untouched.

codename=$( { . /etc/os-release; [ "${ID:-}" = debian ] && echo "${VERSION_CODENAME:-}"; } 2>/dev/null )

prepare_guest() {
  local tool missing=()
  [ "$(uname -m)" = x86_64 ] || die "only x86_64 machines can run the guest"
  for tool in xz:xz-utils zstd:zstd flock:util-linux awk:mawk sha256sum:coreutils; do
    command -v "${tool%%:*}" >/dev/null || missing+=("${tool#*:}")
  done
  [ ${#missing[@]} -eq 0 ] || die "missing: ${missing[*]} (apt-get install -y --no-install-recommends ${missing[*]})"
  cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/run-in-vm
  mkdir -p "$cache" || die "cannot write the cache folder $cache"
  cache=$(cd "$cache" && pwd)
  exec 9>"$cache/lock"
  flock 9 || die "cannot lock the cache"
  get_tools
  get_kernel
  kernel_version=$(cat "$kernel_folder/version")
  get_initrd
  flock -u 9; exec 9>&-
}

apt_setup() { # apt_setup FOLDER BACKPORTS(0|1): lists of the archive that this machine's apt uses, in FOLDER
  local folder=$1 sources key=/usr/share/keyrings/debian-archive-keyring.gpg
  command -v apt-get >/dev/null && [ -n "$codename" ] || { echo "this is not Debian" >&2; return 1; }
  [ -r "$key" ] || { echo "missing: debian-archive-keyring" >&2; return 1; }
  sources=$(apt-get indextargets --format '$(SITE) $(RELEASE)' 'Created-By: Packages' 2>/dev/null |
            awk -v c="$codename" '$2 == c || $2 == c "-updates" || $2 == c "-security"' | sort -u)
  [ -n "$sources" ] || { echo "apt has no source for Debian $codename" >&2; return 1; }
  [ "$2" = 1 ] && sources+=$'\n'$(awk -v c="$codename" '$2 == c { print $1, c "-backports" }' <<<"$sources")
  mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
  awk -v k="$key" '{ print "deb [signed-by=" k "] " $1 " " $2 " main" }' <<<"$sources" > "$folder/sources.list"
  cat > "$folder/apt.conf" <<CONF
Dir::Etc::sourcelist "$folder/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State::lists "$folder/lists";
Dir::Cache "$folder/cache";
APT::Sandbox::User "root";
Debug::NoLocking "1";
CONF
  APT_CONFIG="$folder/apt.conf" apt-get -q update >"$folder/log" 2>&1 || { cat "$folder/log" >&2; return 1; }
}

# ---- QEMU, busybox, cpio ----
is_static() { [ -n "$1" ] && { LC_ALL=C ldd "$1" 2>&1 || true; } | grep -qiE 'not a dynamic|statically linked'; }

find_tools() { # sets qemu, busybox, cpio, qemu_before (what stands before qemu), qemu_options
  local folder=$cache/tools major
  qemu_before=() qemu_options=()
  qemu=$(command -v qemu-system-x86_64 || true)
  busybox=$(command -v busybox || true); is_static "$busybox" || busybox=''
  cpio=$(command -v cpio || true)
  [ -n "$busybox" ] || busybox=$(ls "$folder"/bin/busybox "$folder"/usr/bin/busybox 2>/dev/null | head -n 1)
  [ -n "$cpio" ] || cpio=$(ls "$folder"/bin/cpio "$folder"/usr/bin/cpio 2>/dev/null | head -n 1)
  major=0
  [ -n "$qemu" ] && major=$("$qemu" --version 2>/dev/null | sed -n '1s/.*version \([0-9]*\).*/\1/p')
  # Before 9 a process start in the guest takes three to four times as long: that of the backports is better.
  if [ "${major:-0}" -lt 9 ]; then
    if [ -x "$folder/usr/bin/qemu-system-x86_64" ]; then
      qemu=$folder/usr/bin/qemu-system-x86_64
      qemu_before=(env "LD_LIBRARY_PATH=$folder/usr/lib/x86_64-linux-gnu:$folder/lib/x86_64-linux-gnu")
      qemu_options=(-L "$folder/usr/share/qemu" -L "$folder/usr/share/seabios" -L /usr/share/qemu -L /usr/share/seabios)
    elif [ ! -e "$cache/tools-tried" ]; then return 1; fi
  fi
  [ -n "$qemu" ] && [ -n "$busybox" ] && [ -n "$cpio" ]
}

get_tools() {
  find_tools && return 0
  local apt archive
  tmp=$(mktemp -d "$cache/tmp.XXXXXX") || die "cannot write $cache"
  apt=$tmp/apt; mkdir -p "$apt" "$tmp/out"
  say "fetching qemu-system-x86 (backports), busybox-static, cpio"
  if apt_setup "$apt" 1 && APT_CONFIG="$apt/apt.conf" apt-get -q -y -d --no-install-recommends --reinstall \
       -t "$codename-backports" install qemu-system-x86 busybox-static cpio >"$apt/log" 2>&1; then
    for archive in "$apt"/cache/archives/*.deb; do dpkg-deb -x "$archive" "$tmp/out" || die "could not unpack $archive"; done
    rm -rf "$cache/tools" "$tmp/out/usr/share/doc" "$tmp/out/usr/share/man"
    mv "$tmp/out" "$cache/tools"
    chmod 755 "$cache/tools"
  else
    cat "$apt/log" >&2 2>/dev/null
  fi
  : > "$cache/tools-tried" # what this machine has must do, then
  rm -rf "$tmp"; tmp=''
  find_tools || die "missing, and not to be had from apt:$([ -n "$qemu" ] || echo ' qemu-system-x86')$(
    [ -n "$busybox" ] || echo ' busybox-static')$([ -n "$cpio" ] || echo ' cpio')"
}

# ---- kernel ----
# Folders of modules worth keeping.
modules_kept='kernel/(fs/(9p|netfs|fscache|overlayfs)|net/(9p|core)|drivers/(virtio|block/virtio_blk|char/(virtio_console|hw_random))|lib)'

get_kernel() { # sets kernel_folder
  local apt package modules wanted=''
  [ "$kernel" = newest ] || wanted="${kernel//./\\.}\\."
  # Which modules were kept is part of the name: a cache filled before the list grew lacks some.
  kernel_folder=$cache/debian-$codename-$kernel-$(cksum <<<"$modules_kept" | cut -d ' ' -f 1)
  [ -e "$kernel_folder/version" ] && return 0
  tmp=$(mktemp -d "$cache/tmp.XXXXXX") || die "cannot write $cache"
  apt=$tmp/apt; mkdir -p "$apt" "$tmp/deb" "$tmp.out"
  apt_setup "$apt" 0 || die "no kernel from apt and none in $cache"
  # The generic flavour: the cloud one has no 9p.
  package=$(APT_CONFIG="$apt/apt.conf" apt-cache search --names-only '^linux-image-[0-9].*-amd64$' | awk '{ print $1 }' |
            grep -vE -- '-(cloud|rt|dbg|unsigned)' | grep -E "^linux-image-$wanted" | sort -V | tail -n 1)
  [ -n "$package" ] || die "Debian $codename has no linux-image package"
  say "fetching $package"
  (cd "$tmp" && APT_CONFIG="$apt/apt.conf" apt-get -q download "$package" >"$apt/log" 2>&1) ||
    { cat "$apt/log" >&2; die "could not download $package"; }
  dpkg-deb --fsys-tarfile "$tmp"/linux-image-*.deb | tar -x -C "$tmp/deb" || die "could not unpack $package"
  modules=$(ls -d "$tmp"/deb/lib/modules/* "$tmp"/deb/usr/lib/modules/* 2>/dev/null | head -n 1)
  [ -n "$modules" ] || die "no modules in $package"
  unpack_kernel "$tmp"/deb/boot/vmlinuz-* "$modules" "$tmp.out" || die "could not unpack the kernel"
  chmod 755 "$tmp.out"
  rm -rf "$kernel_folder"; mv "$tmp.out" "$kernel_folder" || die "cannot fill the cache"
  rm -rf "$tmp"; tmp=''
}

unpack_kernel() { # unpack_kernel VMLINUZ MODULES OUT
  local vmlinuz=$1 modules=$2 out=$3 version
  version=$(basename "$modules")
  elf_of "$vmlinuz" "$out/kernel" || cp "$vmlinuz" "$out/kernel" || return 1
  mkdir -p "$out/lib/modules/$version"
  (cd "$modules" && find . -regextype posix-extended -regex "\./$modules_kept[./].*" -type f -print0 |
     tar -c --null -T - ) | tar -x -C "$out/lib/modules/$version" || return 1
  cp "$modules"/modules.builtin* "$modules"/modules.order "$out/lib/modules/$version/" 2>/dev/null
  find "$out/lib/modules/$version" -name '*.ko.xz' -exec xz -d {} + || return 1
  find "$out/lib/modules/$version" -name '*.ko.zst' -exec zstd -q -d --rm {} + || return 1
  sed -i 's/\.ko\.\(xz\|zst\)$/.ko/' "$out/lib/modules/$version/modules.order" 2>/dev/null
  "$busybox" depmod -b "$out" "$version" || return 1
  echo "$version" > "$out/version"
}

elf_of() { # the uncompressed kernel of a bzImage: unpacking it in the guest would take seconds
  local image=$1 sectors offset length magic unpack
  number() { od -An -t "u$2" -j "$1" -N "$2" "$image" | tr -d ' '; }
  sectors=$(number 497 1); [ "$sectors" = 0 ] && sectors=4
  offset=$(( (sectors + 1) * 512 + $(number 584 4) )); length=$(number 588 4)
  magic=$(od -An -t x1 -j "$offset" -N 4 "$image" | tr -d ' \n')
  case $magic in
    fd377a58) unpack='xz -dc' ;; 28b52ffd) unpack='zstd -dc' ;; 1f8b*) unpack='gzip -dc' ;;
    *) return 1 ;;
  esac
  tail -c "+$((offset + 1))" "$image" | head -c "$length" | $unpack > "$2" 2>/dev/null
  [ "$(head -c 4 "$2" | tail -c 3)" = ELF ]
}

# ---- initramfs: busybox, the modules that reach the root, the guest's scripts ----
module_files() { # the files of the modules NAME... with what they need, in the order to load them
  awk -v want="$*" '
    { f = $1; sub(/:$/, "", f); n = f; sub(/.*\//, "", n); sub(/\.ko$/, "", n); gsub(/-/, "_", n)
      file[n] = f; d = ""; for (i = 2; i <= NF; i++) d = d " " $i; needs[f] = d }
    function add(f,  a, k, i) { if (f in done) return; done[f] = 1
      k = split(needs[f], a, " "); for (i = k; i > 0; i--) add(a[i]); print f }
    END { k = split(want, w, " "); for (i = 1; i <= k; i++) if (w[i] in file) add(file[w[i]]) }
  ' "$kernel_folder/lib/modules/$kernel_version/modules.dep"
}

get_initrd() { # sets initrd
  local number=100 file digest
  digest=$(cat "$here/guest/stage1" "$here/guest/init" "$here/prepare.sh" "$busybox" "$kernel_folder/version" |
           sha256sum | cut -c 1-16)
  initrd=$kernel_folder/initrd-$digest
  [ -e "$initrd" ] && return 0
  tmp=$(mktemp -d "$cache/tmp.XXXXXX")
  mkdir -p "$tmp"/{bin,dev,proc,sys,run,root,mnt/host,mnt/rw,lib}
  cp "$busybox" "$tmp/bin/busybox"
  cp "$here/guest/stage1" "$tmp/init"; cp "$here/guest/init" "$tmp/lib/"
  chmod 755 "$tmp/bin/busybox" "$tmp/init" "$tmp/lib/init"
  for file in $(module_files virtio_pci 9pnet_virtio 9p overlay virtio_blk virtio_console virtio_rng); do
    number=$((number + 1)); cp "$kernel_folder/lib/modules/$kernel_version/$file" "$tmp/lib/$number-$(basename "$file")"
  done
  ls "$tmp"/lib/*-9p.ko "$tmp"/lib/*-overlay.ko >/dev/null 2>&1 || die "this kernel has no 9p or overlay module"
  (cd "$tmp" && find . | "$cpio" --quiet -o -H newc -R 0:0) > "$initrd.$$" || die "cpio failed"
  mv "$initrd.$$" "$initrd"; rm -rf "$tmp"; tmp=''
  find "$kernel_folder" -maxdepth 1 -name 'initrd-*' ! -path "$initrd" -mmin +60 -delete
}
