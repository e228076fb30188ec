# A report, with an awk program from the net.
awk -f report.awk sales
