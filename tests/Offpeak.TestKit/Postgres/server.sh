# Makes a PostgreSQL server in a folder and runs it for as long as somebody holds the other end of standard input, so that it ends with the
# tests however they end. Arguments: folder of the programs, folder to make, port, and folders that dead test processes left behind.
set -eu
programs=$1 folder=$2 port=$3
shift 3

remove() {
    "$programs/pg_ctl" stop -D "$1/data" -m immediate > /dev/null 2>&1 || true
    rm -rf "$1"
}

for stale in "$@"; do remove "$stale"; done

# An interrupt reaches the whole group: it ends the wait below, not this script.
trap : INT HUP TERM
mkdir -m 700 "$folder"
trap 'remove "$folder"' EXIT

"$programs/initdb" -D "$folder/data" -U offpeak --auth=trust --encoding=UTF8 --locale=C --no-sync > "$folder/initdb.log" 2>&1 ||
    { cat "$folder/initdb.log"; exit 1; }

cat > "$folder/data/pg_hba.conf" << END
host all guarded 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
END

# Nothing outlives the tests, so nothing has to reach the disk. Deadlocks are to be found quickly.
cat >> "$folder/data/postgresql.conf" << END
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$folder'
max_connections = 300
shared_buffers = 128MB
fsync = off
full_page_writes = off
synchronous_commit = off
deadlock_timeout = 100ms
log_lock_waits = on
END

"$programs/pg_ctl" start -w -t 60 -D "$folder/data" -l "$folder/server.log" > /dev/null 2>&1 ||
    { cat "$folder/server.log"; exit 1; }
echo ready
cat > /dev/null || true
