using System.Diagnostics;

namespace Aegis.Cli.Tests;

/// <summary>Programs of others that look at what the commands write.</summary>
internal static class Tool
{
    private static readonly TimeSpan Most = TimeSpan.FromMinutes(2);

    /// <summary>Runs one to its end.</summary>
    /// <returns>Its exit code, and all that it wrote.</returns>
    public static async Task<(int Exit, string Text)> RunAsync(string program, IEnumerable<string> words)
    {
        using var timeout = new CancellationTokenSource(Most);
        using var process = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
        var error = process.StandardError.ReadToEndAsync(timeout.Token);
        await process.WaitForExitAsync(timeout.Token);
        return (process.ExitCode, await output + await error);
    }
}
