# Writes combat.json:  cd tests/unit/radiomics/data && Rscript combat.R
# 33 made-up patients of three scanners (18, 9 and 6, in turns) and 12 features on scales from 1e-6 to 1e6,
# the last of them constant on one scanner. test_combat.py draws the same. ComBat of sva 3.46 ends its
# iteration at a relative step of 1e-4 ("stopped"); "settled" is the same function sent on to 1e-13.
suppressPackageStartupMessages({library(sva); library(jsonlite)})
state <- 2
uniform <- function() {
  state <<- (16807 * state) %% 2147483647
  state / 2147483647
}
draw <- function(n) sapply(seq_len(n), function(i) sum(replicate(12, uniform())) - 6)
n <- 33
p <- 12
x <- matrix(draw(n * p), n, p)
batch <- rep(c("10", "9", "10", "B", "10", "9", "10", "B", "10", "9", "10"), 3)
for (j in seq_len(p)) {
  on <- batch == "9"
  x[on, j] <- 0.5 + 0.1 * j + (1 + 0.05 * j) * x[on, j]
  on <- batch == "B"
  x[on, j] <- -0.8 + 0.05 * j + 0.6 * x[on, j]
  x[, j] <- 10^(j - 7) * (3 + x[, j])
}
x[batch == "B", p] <- 0
harmonised <- function()
  suppressMessages({capture.output(found <- ComBat(t(x), batch)); unname(t(found))})
stopped <- harmonised()
stops <- sva:::it.sol
on <- function(...) stops(..., conv = 1e-13)
environment(on) <- list2env(list(stops = stops), parent = asNamespace("sva"))
assignInNamespace("it.sol", on, "sva")
settled <- harmonised()
writeLines(toJSON(list(stopped = stopped, settled = settled), digits = NA),
           "combat.json")
