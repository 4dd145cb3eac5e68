#!/bin/sh
# Makes topics, bucket and tables, then submits the jobs that do not run yet: submit.sh SETTINGS JOBMANAGER:PORT
set -eu
settings=$1 cluster=$2
python=$(dirname "$0")/../../.venv/bin/python
sluice=$(dirname "$0")/../../.venv/bin/sluice
"$sluice" create --settings "$settings"
running=$(flink list --running --jobmanager "$cluster")
for job in $("$python" -c 'from sluice.flink_jobs import JOB_NAMES; print(*JOB_NAMES)'); do
    case $running in
        *" : $job ("*) echo "$job runs already" ;;
        *) flink run --detached --jobmanager "$cluster" -py "jobs/$job/main.py" --settings "$settings" ;;
    esac
done
