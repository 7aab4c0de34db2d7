using System.Diagnostics;

namespace Aegis.Conventions.Tests.Tainting;

/// <summary>Prints words that <c>eng/taint.sh</c> must find in the results: what does not reach them cannot be looked through.</summary>
public class ControlTests(ITestOutputHelper helper)
{
    [Fact]
    public void WhatATestPrintsIsInTheResults()
    {
        Console.Out.WriteLine("taint-control-output");
        Console.Error.WriteLine("taint-control-error");
        Trace.WriteLine("taint-control-trace");
        helper.WriteLine("taint-control-helper");
        foreach (var word in new[] { "output", "error", "trace", "helper" })
        {
            Assert.Contains($"taint-control-{word}", helper.Output, StringComparison.Ordinal);
        }
    }
}
