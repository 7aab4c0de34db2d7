// What tests and the code under them print goes into the results of the suites, where .ci/run looks for what must not be printed (Taint).
[assembly: Xunit.CaptureConsole]
[assembly: Xunit.CaptureTrace]
