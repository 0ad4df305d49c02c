# Made r_expected.csv of r_returns.csv and r_events.csv, which README.md describes: the tests of estudy2 for every day
# of [-5, 5] about row 141, and the clustered t of crseEventStudy for the CARs [0, 2] of the events, each after a market
# model over the rows -120 to -11.
library(estudy2)
library(crseEventStudy)

returns_table <- read.csv("r_returns.csv")
returns_table$date <- as.Date(returns_table$date)
out <- NULL
add <- function(name, tau, value) {
    out <<- rbind(out, data.frame(statistic = name, tau = tau, value = sprintf("%.15g", value)))
}

days <- returns_table$date
day0 <- 141
fitted <- lapply(setdiff(names(returns_table), c("date", "MKT")), function(firm) {
    returns(returns_table[, c("date", firm)], regressor = returns_table[, c("date", "MKT")], market_model = "sim",
            estimation_method = "ols", estimation_start = days[day0 - 120], estimation_end = days[day0 - 11])
})
tests <- list(brown_warner_1985 = brown_warner_1985, t_test = t_test, patell = patell, boehmer = boehmer,
              sign_test = sign_test, generalized_sign_test = generalized_sign_test,
              corrado_sign_test = corrado_sign_test, rank_test = rank_test, wilcoxon_test = wilcoxon_test)
for (name in names(tests)) {
    found <- tests[[name]](fitted, days[day0 - 5], days[day0 + 5])
    add(name, -5:5, found[, grep("_stat$", names(found))])
}
add("car_rank_test", NA, car_rank_test(fitted, days[day0 - 5], days[day0 + 5])$statistic)

events <- read.csv("r_events.csv")
events$date <- as.Date(events$date)
events$car <- sapply(seq_len(nrow(events)), function(i) {
    row <- match(events$date[i], days)
    estimation <- (row - 120):(row - 11)
    window <- row:(row + 2)
    y <- returns_table[[events$asset[i]]]
    x <- returns_table$MKT
    line <- coef(lm(y[estimation] ~ x[estimation]))
    sum(y[window] - line[1] - line[2] * x[window])
})
found <- crseEvent(events, abnr = "car", cluster1 = "date", cluster2 = "asset")
for (name in c("N", "mean.abnormal.ret", "t.val.nonclustered", "p.val.nonclustered", "t.val.one.clustered",
               "p.val.one.clustered", "tcl2", "pcl2", "tcl12", "pcl12", "unique.cl1", "unique.cl2")) {
    add(name, NA, as.numeric(found[[name]]))
}
write.csv(out, "r_expected.csv", row.names = FALSE, quote = FALSE)
