#!/usr/bin/env bash
# Peers of the server under load, each started and stopped here: prints "name<TAB>rate a second" lines.
#
#   benches/peers.sh BYTES SECONDS MESSAGES [FOLDER]
#
# PostgreSQL 15: as many bytes as a submission has, by single-row inserts in transactions of their own, prepared, over TLS
# on loopback, synchronous_commit on; the column is stored plain (neither compressed nor moved out of line), which is
# fastest. Dovecot: messages of as many bytes to LMTP without TLS, mail_fsync=always, to one mailbox and to many.
# Both with 8, 32 and 64 clients. Needs root, to become an unprivileged user.
set -euo pipefail
bytes=$1 seconds=$2 messages=$3 parent=${4:-/tmp}
port=$(shuf -i 20000-30000 -n 1) # and the next one; a port in use ends the run with an error
program=/usr/lib/postgresql/15/bin
folder=$(mktemp -d "$parent/peers.XXXXXX")
chmod 755 "$folder"
cd "$folder"
running=()

finish() {
  for process in "${running[@]}"; do
    kill -INT "$process" 2>/dev/null || true
    wait "$process" 2>/dev/null || true
  done
  rm -rf "$folder"
}
trap finish EXIT

unprivileged() { setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"; }

# until_ready COMMAND…: at most 30 seconds.
until_ready() {
  for _ in {1..300}; do
    timeout 5 "$@" >/dev/null 2>&1 && return
    sleep 0.1
  done
  echo "peers: '$*' did not succeed within 30 seconds" >&2
  exit 1
}

postgresql() {
  install -d -o nobody -g nogroup "$folder/pg"
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
    -keyout "$folder/server-key.pem" -out "$folder/server.pem" 2>/dev/null
  chown nobody:nogroup "$folder/server.pem" "$folder/server-key.pem"
  unprivileged "$program/initdb" -D "$folder/pg" -A trust -U bench --no-instructions >/dev/null
  setpriv --reuid=nobody --regid=nogroup --clear-groups "$program/postgres" -D "$folder/pg" \
    -c listen_addresses=127.0.0.1 -c port="$port" -c unix_socket_directories= -c ssl=on \
    -c ssl_cert_file="$folder/server.pem" -c ssl_key_file="$folder/server-key.pem" \
    -c fsync=on -c synchronous_commit=on -c shared_buffers=256MB 2>"$folder/postgresql.log" &
  running+=($!)
  export PGHOST=127.0.0.1 PGPORT=$port PGUSER=bench PGDATABASE=postgres PGSSLMODE=require
  until_ready "$program/psql" -qc 'select 1'
  "$program/psql" -qc 'create table notice (id bigint generated always as identity primary key, body text not null)' \
    -c 'alter table notice alter column body set storage plain'
  echo 'insert into notice (body) values (:body);' >insert.sql
  local body
  body=$(head -c "$bytes" /dev/urandom | base64 -w 0)
  for clients in 8 32 64; do
    "$program/pgbench" -n -M prepared -c "$clients" -j 2 -T "$seconds" -f insert.sql -D body="${body:0:bytes}" \
      2>"$folder/pgbench.log" | awk -v name="PostgreSQL 15, $clients clients" '/^tps/ { printf "%s\t%s\n", name, $3 }'
  done
}

dovecot_lmtp() {
  install -d -o nobody -g nogroup "$folder/mail"
  cat >dovecot.conf <<CONF
base_dir = $folder/run
state_dir = $folder/state
log_path = $folder/dovecot.log
protocols = lmtp
ssl = no
mail_location = maildir:~/Maildir
mail_fsync = always
passdb {
  driver = static
  args = nopassword=y
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=$folder/mail/%u allow_all_users=yes
}
service lmtp {
  process_min_avail = 2
  inet_listener lmtp {
    address = 127.0.0.1
    port = $((port + 1))
  }
}
CONF
  dovecot -F -c "$folder/dovecot.conf" &
  running+=($!)
  until_ready smtp-source -L -l "$bytes" -t citizen@localhost "inet:127.0.0.1:$((port + 1))"
  for clients in 8 32 64; do
    for recipients in "one" "its own"; do
      local many=()
      [[ $recipients == 'its own' ]] && many=(-N)
      local start
      start=$(date +%s%N)
      smtp-source -L -d "${many[@]}" -s "$clients" -m "$messages" -l "$bytes" -t citizen@localhost \
        "inet:127.0.0.1:$((port + 1))"
      printf 'Dovecot LMTP, %s clients, %s mailbox\t%s\n' "$clients" "$recipients" \
        "$((messages * 1000000000 / ($(date +%s%N) - start)))"
    done
  done
}

postgresql
dovecot_lmtp
