# Writes survival_interval.json from r_cases.csv and empty_level.csv:
#   cd tests/unit/survival/data && Rscript survival_interval.R
# Predicted survival of new patients with R's log-log limits, from fits with ties, factors, a level
# without deaths, and without covariates.
suppressPackageStartupMessages({library(survival); library(jsonlite)})
control <- coxph.control(eps = 1e-12, toler.chol = 1e-14, iter.max = 60)
cases <- read.csv("r_cases.csv")
cases$stage <- factor(cases$stage)
cases$sex <- factor(cases$sex)
levels <- c("left", "right", "both", "caudate")
empty <- read.csv("empty_level.csv")
empty$lobe <- factor(empty$lobe, levels)

predicted <- function(d, formula, new, months) {
  fit <- suppressWarnings(coxph(formula, d, control = control, model = TRUE, x = TRUE))
  curve <- if (length(coef(fit))) survfit(fit, newdata = new, conf.type = "log-log") else
    survfit(fit, conf.type = "log-log")
  at <- summary(curve, times = months)
  rows <- function(x) unname(t(matrix(x, nrow = length(months))))
  list(months = months, survival = rows(at$surv), lower = rows(at$lower), upper = rows(at$upper))
}
out <- list()
for (name in unique(cases$case)) {
  d <- subset(cases, case == name & !is.na(albumin) & !is.na(stage))
  small <- name == "small"
  new <- data.frame(age = c(60, 45, 90), albumin = c(40, 33, 25), stage = factor(c(1, 3, 2)),
                    sex = factor(c("female", "male", "male")), score = c(0, -1.5, 4),
                    half = c("a", "b", "b"))
  formula <- if (small) Surv(time, event) ~ score + sex else
    Surv(time, event) ~ age + albumin + stage + sex + score + half
  out[[name]] <- predicted(d, formula, new, c(6, 12, 24))
  out[[paste0(name, ":nothing")]] <- predicted(d, Surv(time, event) ~ 1, new, c(6, 12, 24))
}
out$empty_level <- predicted(empty, Surv(time, event) ~ lobe + age, data.frame(
  lobe = factor(c("right", "left", "both"), levels), age = c(60, 75, 40)), c(6, 12, 24))
# Two groups of which one is gone before the other dies.
apart <- data.frame(
  x = c(0.8, -0.3, 1.1, 0.2, -1.2, 0.5, 1.9, -0.7, 0.1, -0.9, 1.4, 0.6, -0.2, -1.6, 0.9, 0.3),
  time = c(1, 3, 2, 4, 5, 5, 1.5, 4.5, 8, 12, 7, 9, 11, 14, 7.5, 9),
  event = c(1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1), group = rep(1:2, each = 8))
fit <- coxph(Surv(time, event) ~ x + strata(group), apart, control = control)
curve <- survfit(fit, newdata = data.frame(x = 0.5, group = 1:2), conf.type = "log-log")
limits <- function(k, months) {
  at <- summary(curve[k], times = months)
  rbind(at$lower, at$upper)
}
out$apart <- list(patients = apart, months = list(c(1.5, 4), c(7.5, 9, 12)),
                  limits = list(limits(1, c(1.5, 4)), limits(2, c(7.5, 9, 12))))
out$versions <- list(R = paste(R.version$major, R.version$minor, sep = "."),
                     survival = as.character(packageVersion("survival")))
write(toJSON(out, digits = NA, auto_unbox = TRUE, na = "null"), "survival_interval.json")
