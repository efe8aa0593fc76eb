#!/usr/bin/env bash
# A load run on several machines at once under Slurm, and its parts merged: sbatch load-slurm.sh ws://server:9001/
#
# Each task plays one part (--shard auto reads SLURM_PROCID and SLURM_NTASKS); all begin to send at one
# agreed time, which leaves a minute to open the connections. Clocks must agree (chrony, ntpd).
#SBATCH --job-name=gauntlet-load
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=2
#SBATCH --time=00:15:00
set -uo pipefail

url=${1:?the server: ws:// or wss://}
reports=${REPORTS:-gauntlet-${SLURM_JOB_ID:-run}}
mkdir -p "$reports/parts"
ulimit -n "$(ulimit -Hn)"

# Whether a part met its objectives does not matter: the whole is judged.
srun --kill-on-bad-exit=0 bash -c 'exec gauntlet load "$0" \
  --connections 40000 --rate 80000 --duration 60s --cooldown 5s \
  --shard auto --start-at "$1" --quiet --out "$2/parts/$SLURM_PROCID"' \
  "$url" "$(date -u -d '+60 sec' +%FT%TZ)" "$reports"

exec gauntlet report merge "$reports/parts" --out "$reports/whole" --slo 'p99<20ms,errors<0.1%'
