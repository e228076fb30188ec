# The one-line installer of many projects.
base64 -d installer | sh
