# Writes lasso_extremes.json:  cd tests/unit/radscore/data && Rscript lasso_extremes.R
# 60 made-up patients who all died, and 40 features on scales from 1e-12 to 1e12, one of them all
# but constant: 1e-7 times noise, and 1 for one patient. test_extreme_features.py draws the same.
# cv.glmnet 4.1-6 loses its own deviance here (its cvm is negative), so that the paths of the
# folds are glmnet's and their deviances are taken by logarithms of sums of exponentials.
suppressPackageStartupMessages({library(glmnet); library(survival); library(jsonlite)})
state <- 2
uniform <- function() {
  state <<- (16807 * state) %% 2147483647
  state / 2147483647
}
draw <- function(n) sapply(seq_len(n), function(i) sum(replicate(12, uniform())) - 6)
n <- 60
p <- 40
x <- matrix(draw(n * p), n, p)
wait <- -log(sapply(seq_len(n), function(i) uniform()))
risk <- 1.2 * x[, 1] + 0.8 * x[, 20] + 0.8 * x[, 21] + 0.5 * x[, 8]
x[, 8] <- 1e-7 * x[, 8]
x[4, 8] <- 1
x[, 20] <- 1e12 * x[, 20]
x[, 21] <- 1e-12 * x[, 21]
time <- round(20 * wait * exp(-risk), 3) + 0.001
fold <- (seq_len(n) - 1) %% 10 + 1
outcome <- function(rows) Surv(time[rows], rep(1, sum(rows)))

log_sum_exp <- function(v) max(v) + log(sum(exp(v - max(v))))
deviance_of <- function(eta, time)
  -2 * sum(sapply(seq_along(eta), function(i) eta[i] - log_sum_exp(eta[time >= time[i]])))

all <- rep(TRUE, n)
whole <- glmnet(x, outcome(all), family = "cox")
by_fold <- sapply(1:10, function(k) {
  kept <- fold != k
  eta <- predict(glmnet(x[kept, ], outcome(kept), family = "cox"), x, s = whole$lambda)
  apply(eta, 2, function(column)
    deviance_of(column, time) - deviance_of(column[kept], time[kept])) / sum(!kept)
})
stopifnot(!any(duplicated(time)))
cvm <- rowMeans(by_fold)
chosen <- which.min(cvm)
write_json(list(
  lambda = whole$lambda, cvm = cvm, nonzero = whole$df, lambda_min = whole$lambda[chosen],
  coefficients = as.numeric(whole$beta[, chosen])
), "lasso_extremes.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
cat(chosen, whole$df[chosen], range(cvm), "\n")
