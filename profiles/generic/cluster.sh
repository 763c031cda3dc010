#!/bin/sh
# What Snakemake asks of SGE, PBS or LSF, whichever is here:
#   cluster.sh submit RULE THREADS MEMORY_MB MINUTES SCRIPT    prints the job's number
#   cluster.sh status NUMBER                                   prints running, success or failed
# Add your queue, project or account to the line of your system. What a job says goes to results/cluster.
set -eu

if command -v bsub >/dev/null; then
    system=lsf
elif command -v qacct >/dev/null; then
    system=sge
elif command -v qsub >/dev/null; then
    system=pbs
else
    echo "none of bsub (LSF), qacct (SGE) and qsub (PBS) is found here: run this on a node from which jobs are sent" >&2
    exit 1
fi

submit() {
    rule=$1 threads=$2 memory=$3 minutes=$4 script=$5
    mkdir -p results/cluster
    case $system in
    # h_vmem is counted a slot
    sge) qsub -terse -V -cwd -j y -o results/cluster -N "$rule" -pe smp "$threads" \
        -l "h_rt=0:$minutes:0,h_vmem=$((memory / threads))M" "$script" ;;
    pbs) qsub -V -j oe -o results/cluster -N "$rule" \
        -l "select=1:ncpus=$threads:mem=${memory}mb" -l "walltime=$minutes:00" "$script" ;;
    lsf) bsub -J "$rule" -n "$threads" -R "span[hosts=1] rusage[mem=${memory}MB]" -M "${memory}MB" \
        -W "$minutes" -o "results/cluster/$rule.%J" "$script" | sed -n 's/^Job <\([0-9]*\)>.*/\1/p' ;;
    esac
}

status() {
    case $system in
    sge)
        if qstat -j "$1" >/dev/null 2>&1; then
            echo running
        else
            # accounts are written a little after the end
            qacct -j "$1" 2>/dev/null | awk '
                $1 == "failed" { known = 1; bad += $2 } $1 == "exit_status" { bad += $2 }
                END { print !known ? "running" : bad ? "failed" : "success" }'
        fi ;;
    pbs) qstat -x -f "$1" | awk -F ' = ' '
        $1 ~ /job_state/ { state = $2 } $1 ~ /[Ee]xit_status/ { status = $2 }
        END { print state !~ /[FC]/ ? "running" : status == "0" ? "success" : "failed" }' ;;
    lsf) bjobs -noheader -o stat "$1" | awk '
        { print $1 == "DONE" ? "success" : $1 == "EXIT" ? "failed" : "running" }' ;;
    esac
}

"$@"
