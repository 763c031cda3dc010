# Writes r_numbers.json from r_cases.csv:  cd tests/unit/survival/data && Rscript r_numbers.R
# Made-up patients: ties in times and scores, gaps in albumin and stage, 24 to 130 patients.
suppressPackageStartupMessages({
  library(survival); library(MASS); library(pROC); library(maxstat); library(mice)
  library(mitml); library(riskRegression); library(jsonlite)
})
horizon <- 24
months <- seq(6, 30, 6)
cases <- read.csv("r_cases.csv")
cases$stage <- factor(cases$stage)
cases$sex <- factor(cases$sex)

columns <- function(fit) {
  table <- summary(fit)$coefficients
  se <- if (inherits(fit, "coxph")) sqrt(diag(vcov(fit))) else table[, "Std. Error"]
  list(name = rownames(table), estimate = unname(coef(fit)), se = unname(se),
       p = unname(table[, ncol(table)]))
}
steps <- function(fit) {
  path <- as.data.frame(fit$anova)
  list(change = trimws(path$Step), aic = path$AIC, terms = attr(terms(fit), "term.labels"))
}
# A stand-in for imputation that is easily made again: gap g of table k takes a known value.
filled <- function(values, k) {
  gaps <- which(is.na(values))
  known <- values[!is.na(values)]
  values[gaps] <- known[(7 * k + 3 * seq_along(gaps)) %% length(known) + 1]
  values
}

delong <- function(d) {
  died <- ifelse(d$event == 1 & d$time <= horizon, 1,
                 ifelse(d$event == 0 & d$time < horizon, NA, 0))
  d <- d[!is.na(died), ]
  died <- died[!is.na(died)]
  area <- function(x) roc(died, x, levels = c(0, 1), direction = "<", quiet = TRUE)
  first <- area(d$score)
  second <- area(d$other)
  test <- roc.test(first, second, method = "delong", paired = TRUE)
  list(n = length(died), areas = lapply(list(first, second), function(r)
    as.numeric(ci.auc(r, method = "delong"))), z = unname(test$statistic), p = test$p.value,
    limits = as.numeric(test$conf.int))
}
# stepAIC fits again by name, so the patients of a model have a global one.
logistic <- function(d, formula) {
  d$died <- ifelse(d$event == 1 & d$time <= horizon, 1,
                   ifelse(d$event == 0 & d$time < horizon, NA, 0))
  known <<- d[!is.na(d$died), ]
  fit <- glm(update(formula, died ~ .), binomial, known, control = list(epsilon = 1e-14))
  without <- if ("stage" %in% all.vars(formula)) drop1(fit, ~ stage, test = "LRT")["stage", 5]
  chosen <- stepAIC(fit, direction = "both", trace = 0)
  c(columns(fit), list(aic = AIC(fit), p_stage = without, step = steps(chosen)))
}
cox <- function(d, formula) {
  known <<- d
  fit <- coxph(update(formula, Surv(time, event) ~ .), known,
               control = coxph.control(eps = 1e-13, iter.max = 60))
  z <- cox.zph(fit, transform = "km")$table
  c(columns(fit), list(
    loglik = fit$loglik, step = steps(stepAIC(fit, direction = "both", trace = 0)),
    zph = list(term = rownames(z), chisq = z[, 1], df = z[, 2], p = z[, 3])))
}
pooled <- function(d) {
  tables <- lapply(1:4, function(k) {
    d$albumin <- filled(d$albumin, k)
    d$stage <- filled(d$stage, k)
    d
  })
  one <- function(d) coxph(Surv(time, event) ~ score + albumin + stage, d, control =
                             coxph.control(eps = 1e-13, iter.max = 60))
  less <- function(d) coxph(Surv(time, event) ~ score + albumin, d)
  fits <- lapply(tables, one)
  s <- summary(pool(as.mira(fits)), conf.int = TRUE)
  large <- testModels(fits, lapply(tables, less), method = "D1")$test
  list(name = as.character(s$term), estimate = s$estimate, se = s$std.error, df = s$df,
       p = s$p.value, lower = s[["2.5 %"]], upper = s[["97.5 %"]],
       d1 = as.numeric(large[1, c("F.value", "df1", "df2", "P(>F)")]),
       d1_of_mice = as.numeric(D1(as.mira(fits), as.mira(lapply(tables, less)))$result))
}
curves <- function(d) {
  fit <- survfit(Surv(time, event) ~ stage, d, conf.type = "log-log")
  medians <- quantile(fit, 0.5)
  by_log <- quantile(survfit(Surv(time, event) ~ stage, d), 0.5)
  test <- survdiff(Surv(time, event) ~ stage, d)
  reverse <- quantile(survfit(Surv(time, 1 - event) ~ 1, d), 0.5)$quantile
  all <- summary(survfit(Surv(time, event) ~ 1, d, conf.type = "log-log"), times = horizon)
  list(median = medians$quantile[, 1], lower = medians$lower[, 1], upper = medians$upper[, 1],
       lower_log = by_log$lower[, 1], upper_log = by_log$upper[, 1],
       at_risk = matrix(summary(fit, times = c(0, 12, 24, 36), extend = TRUE)$n.risk, 3,
                        byrow = TRUE),
       chisq = test$chisq, p = pchisq(test$chisq, 2, lower.tail = FALSE),
       follow_up = unname(reverse), at_horizon = c(all$surv, all$lower, all$upper))
}
judged <- function(d) {
  c_one <- concordance(Surv(time, event) ~ score, d, reverse = TRUE)
  first <- coxph(Surv(time, event) ~ score, d)
  second <- coxph(Surv(time, event) ~ other, d)
  both <- concordance(first, second)
  contrast <- c(1, -1)
  risk <- 1 - exp(-0.02 * outer(exp(d$score), months))
  found <- Score(list(m = risk), Surv(time, event) ~ 1, d, times = months, cens.model = "km",
                 metrics = c("auc", "brier"), null.model = FALSE, se.fit = FALSE)
  death <- 1 - exp(-0.02 * exp(d$score) * horizon)
  worth <- sapply(c(0.2, 0.35, 0.5), function(at) {
    treated <- death >= at
    rate <- 1 - summary(survfit(Surv(time, event) ~ 1, d[treated, ]), times = horizon,
                        extend = TRUE)$surv
    mean(treated) * (rate - (1 - rate) * at / (1 - at))
  })
  cut <- maxstat.test(Surv(time, event) ~ score, d, smethod = "LogRank", pmethod = "Lau92")
  list(c = unname(c_one$concordance), c_se = sqrt(c_one$var),
       difference = sum(contrast * coef(both)),
       difference_se = sqrt(drop(contrast %*% vcov(both) %*% contrast)),
       auc = found$AUC$score$AUC, brier = found$Brier$score$Brier,
       slope = c(unname(coef(first)), confint(first)), net_benefit = worth,
       cut_off = unname(cut$estimate), cut_off_statistic = unname(cut$statistic),
       cut_off_p = cut$p.value)
}
groups <- function(d) {
  numbers <- lapply(c("age", "albumin", "other"), function(name) {
    x <- d[[name]][d$half == "a"]
    y <- d[[name]][d$half == "b"]
    list(wilcoxon = wilcox.test(x, y)$p.value, student = t.test(x, y, var.equal = TRUE)$p.value,
         welch = t.test(x, y)$p.value, variances = var.test(x, y)$p.value,
         shapiro = min(shapiro.test(x)$p.value, shapiro.test(y)$p.value))
  })
  counts <- lapply(c("stage", "sex"), function(name) {
    table <- table(d[[name]], d$half)
    list(chisq = chisq.test(table)$p.value, fisher = fisher.test(table)$p.value,
         expected = min(chisq.test(table)$expected))
  })
  list(numbers = setNames(numbers, c("age", "albumin", "other")),
       counts = setNames(counts, c("stage", "sex")))
}

out <- list()
for (name in unique(cases$case)) {
  d <- subset(cases, case == name)
  complete <- d[!is.na(d$albumin) & !is.na(d$stage), ]
  formula <- if (name == "small") ~ score + sex else ~ age + albumin + stage + sex + score + half
  out[[name]] <- suppressWarnings(list(
    delong = delong(d), logistic = logistic(complete, formula), cox = cox(complete, formula),
    pooled = pooled(d), curves = curves(d), judged = judged(d), groups = groups(d)))
}
grid <- expand.grid(statistic = c(0.9, 1.5, 2, 2.5, 3, 4, 6), smallest = c(0.05, 0.1, 0.25))
out$lausen <- cbind(grid, p = mapply(function(b, s) maxstat:::pLausen92(b, s, 1 - s),
                                     grid$statistic, grid$smallest))
used <- c("survival", "MASS", "pROC", "maxstat", "mice", "mitml", "riskRegression")
out$versions <- c(list(R = paste(R.version$major, R.version$minor, sep = ".")),
                  lapply(setNames(used, used), function(p) as.character(packageVersion(p))))
write(toJSON(out, digits = NA, auto_unbox = TRUE, na = "null", null = "null"), "r_numbers.json")
