# shellcheck shell=bash
# Read by install, upgrade and manage, which run as root. What belongs to the account « pole » is done as that account.

export LC_ALL=C.UTF-8 LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# A root whose umask is 077 would make code that « pole » can't read.
umask 022
# The folder that the command was typed in may be closed to « pole ».
cd /

BASE=/srv/pole
RELEASES=$BASE/releases
CURRENT=$BASE/current
REPOSITORY=$BASE/portal.git
ENV_FILE=/etc/pole.env
CHOICES=/etc/pole-install.conf
# The fingerprint of each file that was put outside /srv/pole, to tell what was changed by hand since.
PLACED=/var/lib/pole-install
UPSTREAM=/etc/nginx/conf.d/pole-upstream.conf
SITE=/etc/nginx/sites-available/pole

# Never stopped by a terminal that went away.
say() { printf '→ %s\n' "$*" || true; }
note() { printf '  %s\n' "$*" || true; }
warn() { printf 'Attention : %s\n' "$*" >&2 || true; }
die() { printf '\nArrêt : %s\n' "$*" >&2 || true; exit 1; }

need_root() { [ "$(id -u)" = 0 ] || die "cette commande se lance comme root : « sudo $0 … »."; }

# One installation or upgrade at a time. What a killed one had begun holds the lock until it ends.
alone() {
    exec 9>/run/pole-install.lock
    flock -n 9 || { note "Une installation ou une mise à jour est en cours : on attend qu’elle finisse."; flock -w 900 9; } ||
        die "une installation ou une mise à jour est en cours depuis quinze minutes."
}

as() { # ACCOUNT COMMAND…
    local account=$1; shift
    setpriv --reuid="$account" --regid="$account" --init-groups --inh-caps=-all -- "$@"
}

# COMMAND… in the folder of a release, as « pole », with the settings of /etc/pole.env and nothing else, as systemd
# reads them. Never on a command line, which everyone may read.
as_pole() { # RELEASE COMMAND…
    local folder=$1 line name value; shift
    (
        cd "$folder" || exit 1
        # shellcheck disable=SC2046 # names of variables
        unset $(compgen -e | grep -vxE 'PATH|LANG|LC_ALL|TERM')
        export HOME=$BASE
        while IFS= read -r line || [ -n "$line" ]; do
            [[ $line =~ ^[[:space:]]*([A-Za-z_][A-Za-z0-9_]*)=(.*)$ ]] || continue
            name=${BASH_REMATCH[1]} value=${BASH_REMATCH[2]}
            value="${value%"${value##*[![:space:]]}"}"
            [[ $value =~ ^\"(.*)\"$ || $value =~ ^\'(.*)\'$ ]] && value=${BASH_REMATCH[1]}
            export "$name=$value"
        done <"$ENV_FILE"
        as pole "$@"
    )
}

manage() { local release=$1; shift; as_pole "$release" "$release/.venv/bin/python" manage.py "$@"; }

# A link that is never absent, nor half made.
point() { # LINK TARGET
    ln -sfn "$2" "$1.new" && mv -T "$1.new" "$1"
}

# --- Files outside /srv/pole

# What was put at a path, as it was then.
mark_of() { echo "$PLACED/$(printf %s "$1" | tr / _)"; }
# Puts what it reads at a path. What was changed there by hand stays: the new one is put beside it, and said.
place() { # PATH [MODE]
    local path=$1 mode=${2:-644} mark; mark=$(mark_of "$path")
    install -d -m 755 "$PLACED" "$(dirname "$path")"
    cat >"$mark.new"
    if [ ! -e "$path" ] || [ "$(sha256sum <"$path")" = "$(cat "$mark" 2>/dev/null)" ]; then
        install -m "$mode" "$mark.new" "$path"
        sha256sum <"$path" >"$mark"
    elif ! cmp -s "$mark.new" "$path"; then
        install -m "$mode" "$mark.new" "$path.nouveau"
        warn "$path a été changé à la main : il reste tel quel. Comparez-le à $path.nouveau."
    else
        sha256sum <"$path" >"$mark"
    fi
    rm -f "$mark.new"
}

place_units() { # RELEASE
    local unit folder=/etc/systemd/system
    for unit in "$1"/deploy/pole-*.service "$1"/deploy/pole-*.timer; do
        place "$folder/${unit##*/}" <"$unit"
    done
    systemctl daemon-reload
}

# The site: that of the release, with the name, the certificate and the two instances of the portal.
site() { # RELEASE
    local ipv6="" listen="$HTTPS"
    [[ $HTTPS == *:* || -z $(cat /proc/net/if_inet6 2>/dev/null) ]] || ipv6="    listen [::]:$HTTPS ssl http2;\n"
    sed -e "s/portail\.exemple\.ca/$HOST/g" -e 's|http://127\.0\.0\.1:8000|http://pole_web|g' \
        -e "s|/srv/pole/portal/|$CURRENT/|g" \
        -e "s|^    listen 80;|    listen $listen ssl http2;\n$ipv6    ssl_certificate $CERTIFICATE;\n    ssl_certificate_key $KEY;\n    ssl_protocols TLSv1.2 TLSv1.3;|" \
        "$1/deploy/nginx.conf"
}

# Port 80 leads to the site, and answers whoever gives out certificates.
site_in_clear() {
    local ipv6=""
    [[ $HTTP == *:* || -z $(cat /proc/net/if_inet6 2>/dev/null) ]] || ipv6="    listen [::]:$HTTP;"
    cat <<CONF

server {
    listen $HTTP;
$ipv6
    server_name $HOST;
    server_tokens off;
    access_log off;
    error_log /dev/null;
    location /.well-known/acme-challenge/ { root /var/lib/pole-acme; }
    location / { return 301 $ADDRESS\$request_uri; }
}

# Any other name, and none: the connection ends, and nobody's address is written, as on the port of TLS.
server {
    listen $HTTP;
$ipv6
    server_name "" ~^.;
    access_log off;
    error_log /dev/null;
    return 444;
}
CONF
}

place_site() { # RELEASE
    local before="" mark was_ours=""
    mark=$(mark_of "$SITE")
    [ ! -e "$SITE" ] || [ "$(sha256sum <"$SITE")" != "$(cat "$mark" 2>/dev/null)" ] || was_ours=yes
    # Debian has none.
    install -d -m 755 /var/cache/nginx
    [ ! -e "$SITE" ] || before=$(cat "$SITE"; echo .)
    { site "$1"; site_in_clear; } | place "$SITE"
    ln -sfn "$SITE" /etc/nginx/sites-enabled/pole
    if ! nginx -t -q 2>"$PLACED/nginx.said"; then
        cat "$PLACED/nginx.said" >&2
        if [ -n "$before" ]; then printf %s "${before%.}" >"$SITE"; else rm -f /etc/nginx/sites-enabled/pole; fi
        # Else the next release would take it for changed by hand.
        [ -z "$was_ours" ] || sha256sum <"$SITE" >"$mark"
        return 1
    fi
}

# --- Releases

# Whoever owns the clone.
git_of() { local folder=$1; shift; GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*' git -C "$folder" "$@"; }

release_name() { # COMMIT
    local tag
    tag=$(git_of "$REPOSITORY" describe --tags --exact-match "$1" 2>/dev/null) ||
        tag=$(git_of "$REPOSITORY" log -1 --format=%cd --date=format:%Y%m%d "$1")
    printf '%s-%s' "$tag" "$(git_of "$REPOSITORY" rev-parse --short=10 "$1")" | tr -c 'A-Za-z0-9._-' _
}

# Sets RELEASE to the folder of a commit: its code, and the packages of its lock file. Code belongs to root: the
# portal can't write in it. One that was cut short is made again.
make_release() { # COMMIT
    RELEASE=$RELEASES/$(release_name "$1")
    [ ! -e "$RELEASE/.complete" ] || return 0
    say "Préparation de $(basename "$RELEASE")"
    rm -rf "$RELEASE"
    install -d -m 755 "$RELEASES" "$RELEASE" || return 1
    git_of "$REPOSITORY" archive "$1" | tar -x --no-same-owner -C "$RELEASE" || return 1
    same_packages || return 1
    env -u PYTHONDONTWRITEBYTECODE -u POLE_VAR make -C "$RELEASE" --no-print-directory env || return 1
    "$RELEASE/.venv/bin/python" -m compileall -q -x '/(\.venv|tests)/' "$RELEASE" || return 1
    touch "$RELEASE/.complete" || return 1
    sync -f "$RELEASE"
}

# What the release in place already has is not fetched again: a copy, whose commands are told where they are.
same_packages() {
    local former
    former=$(readlink -f "$CURRENT") || return 0
    { [ -e "$former/.complete" ] && cmp -s "$former/requirements.lock" "$RELEASE/requirements.lock"; } || return 0
    cp -a --reflink=auto "$former/.venv" "$RELEASE/.venv" || return 1
    grep -rlIF "$former/" "$RELEASE/.venv/bin" "$RELEASE/.venv/pyvenv.cfg" | xargs -r sed -i "s|$former/|$RELEASE/|g"
}

# --- The portal: two instances, of which nginx knows one

live_port() { sed -n 's/.*127\.0\.0\.1:\([0-9]*\);.*/\1/p' "$UPSTREAM" 2>/dev/null; }
other_port() { [ "$1" = 8000 ] && echo 8001 || echo 8000; }
release_of() { readlink "$BASE/web/$1" || true; }

start_web() { # PORT RELEASE
    point "$BASE/web/$1" "$2"
    systemctl enable --quiet "pole-web@$1" && systemctl restart "pole-web@$1"
}

stop_web() { systemctl disable --quiet --now "pole-web@$1" || true; }

# Requests under way end where they began: nginx hands new ones to the other instance, and the former workers of nginx
# are waited for.
lead_to() { # PORT
    printf '# Written by deploy/install and deploy/upgrade: the instance that answers.\nupstream pole_web { server 127.0.0.1:%s; }\n' \
        "$1" >"$UPSTREAM.new" && mv "$UPSTREAM.new" "$UPSTREAM" && nginx -t -q && systemctl reload nginx || return 1
    local left
    for left in $(seq 120); do
        sleep 0.5
        grep -lqs 'nginx: worker process is shutting down' /proc/[0-9]*/cmdline || return 0
    done
    note "Des connexions durent encore après $((left / 2)) s."
}

ask_instance() { # PORT PATH [OPTION…]
    local port=$1 path=$2; shift 2
    curl -sS --noproxy '*' --max-time 30 -H "Host: $HOST" -H 'X-Forwarded-Proto: https' -H 'X-Forwarded-For: 127.0.0.1' \
        "$@" "http://127.0.0.1:$port$path"
}

# Whoever gave out the certificate: that is the browsers' business.
ask_site() { # PATH [OPTION…]
    local path=$1 port=443; shift
    [[ ! $ADDRESS =~ :([0-9]+)$ ]] || port=${BASH_REMATCH[1]}
    curl -sSk --noproxy '*' --max-time 30 --connect-to "$HOST:$port:$(reached "$HTTPS")" "$@" "$ADDRESS$path"
}

reached() { if [[ $1 == *:* ]]; then echo "$1"; else echo "127.0.0.1:$1"; fi; }
code_of() { tr -d '\r' | sed -n 's/^[Xx]-[Rr]elease: //p'; }

# A queue that is late is not the fault of the code: it is not looked at here.
is_ready() { [[ $(ask_instance "$1" /readyz 2>/dev/null) == *'"database": true'*'"migrations": true'* ]]; }

check_instance() { # PORT: ready within a minute, then two pages
    local path
    for _ in $(seq 60); do
        ! is_ready "$1" || break
        systemctl is-active --quiet "pole-web@$1" || break
        sleep 1
    done
    is_ready "$1" || { warn "pole-web@$1 n’est pas prêt. Son journal : « journalctl -u pole-web@$1 ». $(ask_instance "$1" /readyz 2>&1)"; return 1; }
    for path in / /compte/connexion/; do
        ask_instance "$1" "$path" -f -o /dev/null || { warn "la page $path ne répond pas."; return 1; }
    done
}

# Through nginx: a page, by the very code of that instance.
check_site() { # PORT
    local code
    ask_site / -f -o /dev/null || { warn "nginx ne montre pas l’accueil."; return 1; }
    code=$(ask_instance "$1" /healthz -o /dev/null -D - | code_of)
    if [ -z "$code" ] || [ "$code" != "$(ask_site /healthz -o /dev/null -D - | code_of)" ]; then
        warn "nginx mène à un autre code que celui de pole-web@$1."
        return 1
    fi
}

load_choices() {
    [ -r "$CHOICES" ] || die "le portail n’est pas installé ici ($CHOICES manque) : lancez deploy/install."
    # shellcheck disable=SC1090 # written by install
    . "$CHOICES"
}
