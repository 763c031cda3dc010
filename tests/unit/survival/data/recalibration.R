# Writes recalibration.json from r_cases.csv:  cd tests/unit/survival/data && Rscript recalibration.R
# A stored model whose linear predictor is the score and whose baseline hazard is (t / 30)^1.2,
# on the patients of each case. Poisson models after Crowson et al., Stat Methods Med Res 2016;25:1692.
suppressPackageStartupMessages({library(survival); library(pROC); library(jsonlite)})
horizons <- c(6, 12, 24)
stored <- function(t) (t / 30)^1.2
exact <- coxph.control(eps = 1e-11, iter.max = 60)
cases <- read.csv("r_cases.csv")
# baseline hazard at predictor 0, for one coefficient that is given
baseline <- function(d, predictor, slope) {
  d$predictor <- predictor
  fit <- coxph(Surv(time, event) ~ predictor, d, init = slope,
               control = coxph.control(iter.max = 0))
  summary(survfit(fit, newdata = data.frame(predictor = 0)), times = horizons)$cumhaz
}
versions <- function(d) {
  fit <- coxph(Surv(time, event) ~ score, d, control = exact)
  survival <- exp(-outer(exp(d$score), stored(horizons)))
  all <- summary(survfit(Surv(time, event) ~ 1, d, conf.type = "log-log"), times = horizons)
  poisson <- sapply(horizons, function(h) {
    d$by <- d$event == 1 & d$time <= h
    d$hazard <- stored(pmin(d$time, h))
    level <- glm(by ~ offset(log(hazard) + score), poisson, d)
    both <- glm(by ~ score + offset(log(hazard)), poisson, d)
    c(coef(level), coef(both)[["score"]])
  })
  # a network's curves: log(-log S) at a horizon is no sum of a score and a baseline
  curve <- function(h) log(stored(h)) + d$score + 0.3 * d$other * h / 24
  list(slope = c(unname(coef(fit)), confint(fit)),
       in_the_large = baseline(d, d$score, 1), both = baseline(d, d$score, coef(fit)),
       network = sapply(seq_along(horizons), function(k) baseline(d, curve(horizons[k]), 1)[k]),
       o_e = lapply(list(all$surv, all$upper, all$lower),
                    function(s) (1 - s) / colMeans(1 - survival)),
       poisson_level = poisson[1, ], poisson_slope = poisson[2, ])
}
out <- list()
for (name in c("plain", "months", "half_years")) {
  d <- subset(cases, case == name)
  out[[name]] <- versions(d)
}
# how well the age of two cohorts tells one from the other
member <- cases$case[cases$case %in% c("plain", "months")]
age <- cases$age[cases$case %in% c("plain", "months")]
curve <- roc(member, age, levels = c("plain", "months"), direction = "<", quiet = TRUE)
out$membership <- as.numeric(ci.auc(curve, method = "delong"))
used <- c("survival", "pROC")
out$versions <- c(list(R = paste(R.version$major, R.version$minor, sep = ".")),
                  lapply(setNames(used, used), function(p) as.character(packageVersion(p))))
write(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = TRUE), "recalibration.json")
