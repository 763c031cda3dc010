# Writes empty_level.csv and empty_level.json:  cd tests/unit/survival/data && Rscript empty_level.R
# Made-up patients with a factor of four levels, in one of which nobody died.
suppressPackageStartupMessages({library(survival); library(jsonlite)})
set.seed(5)
n <- 120
levels <- c("left", "right", "both", "caudate")
lobe <- factor(sample(levels, n, TRUE, prob = c(.4, .3, .2, .1)), levels)
age <- round(rnorm(n, 60, 9))
time <- round(rexp(n, .03 * exp(.5 * (lobe == "right") + .02 * (age - 60))) + .5, 1)
event <- rbinom(n, 1, .7)
event[lobe == "caudate"] <- 0
d <- data.frame(time, event, lobe, age)
write.csv(d, "empty_level.csv", row.names = FALSE)
control <- coxph.control(iter.max = 60, eps = 1e-11)
cox <- function(formula) {
  fit <- suppressWarnings(coxph(formula, d, control = control))
  bounded <- names(coef(fit)) != "lobecaudate"
  list(name = names(coef(fit))[bounded], estimate = unname(coef(fit)[bounded]),
    se = unname(sqrt(diag(vcov(fit)))[bounded]), loglik = fit$loglik)
}
alone <- cox(Surv(time, event) ~ lobe)
alone$p_lobe <- anova(suppressWarnings(coxph(Surv(time, event) ~ lobe, d)))[2, 4]
together <- cox(Surv(time, event) ~ lobe + age)
fit <- suppressWarnings(coxph(Surv(time, event) ~ lobe + age, d, control = control))
together$survival <- summary(survfit(fit, newdata = data.frame(
  lobe = factor("right", levels), age = 60)), times = c(12, 24))$surv
d$dead <- ifelse(d$event == 1 & d$time <= 12, 1, ifelse(d$time < 12, NA, 0))
known <- d[!is.na(d$dead), ]
logit <- suppressWarnings(
  glm(dead ~ lobe + age, binomial, known, control = list(epsilon = 1e-13, maxit = 100)))
table <- summary(logit)$coefficients[c("loberight", "lobeboth", "age"), ]
logistic <- list(name = rownames(table), estimate = unname(table[, 1]), se = unname(table[, 2]),
  loglik = as.numeric(logLik(logit)),
  p_lobe = suppressWarnings(drop1(logit, ~ lobe, test = "LRT"))[2, 5])
write_json(list(alone = alone, together = together, logistic = logistic), "empty_level.json",
  digits = NA, auto_unbox = TRUE, pretty = TRUE)
