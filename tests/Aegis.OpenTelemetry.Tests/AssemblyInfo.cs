// A source and a meter are of the process: what one test hears, another would have made.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
