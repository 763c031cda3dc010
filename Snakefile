# The workflow itself is workflow/Snakefile; this file lets `snakemake` run from the project's folder.
configfile: "config/config.yaml"


report: "workflow/report/start.rst"


module taceflow:
    snakefile:
        "workflow/Snakefile"
    config:
        config


use rule * from taceflow


# Of a module these are not taken over, hence in both entries.
onstart:
    from taceflow.study import ending

    ending.begin()
    if workflow.executor_plugin.name == "slurm":
        from taceflow.study.resources import check_processors

        check_processors({job.rule.name: job.threads for job in workflow.dag.jobs})


onsuccess:
    from taceflow.study import ending

    ending.say_the_end(config["run"])


onerror:
    from taceflow.study import ending

    ending.say_what_failed(config["run"])
