"""Write the page on which a reader judges the masks, and the table of what was judged."""

from taceflow.cohort.review import Verdict
from taceflow.imaging.quality.review_page import write_review_page
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_review_page(
            numbers=snakemake.params.numbers,
            review={one: Verdict(**said) for one, said in snakemake.params.review.items()},
            run=snakemake.params.run,
            template=snakemake.input.template,
            page=snakemake.output.page,
            table=snakemake.output.table,
        )
