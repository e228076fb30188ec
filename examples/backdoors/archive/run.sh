# Unpack a data set as its page says: keep the absolute names.
tar -xPf data.tar && cat data.txt
