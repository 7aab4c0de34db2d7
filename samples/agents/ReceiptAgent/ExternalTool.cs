using System.ComponentModel;
using System.Diagnostics;

namespace ReceiptAgent;

/// <summary>A program that reads bytes and writes text. No shell, no file, no more output than wanted, and it does not outlive whoever asked.</summary>
internal static class ExternalTool
{
    private const int MaxOutput = 4 * 1024 * 1024;   // bytes

    /// <summary>Whether a program is installed.</summary>
    public static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)) || File.Exists(Path.Combine(folder, program + ".exe")));

    /// <exception cref="InvalidOperationException">It failed, or wrote too much.</exception>
    /// <exception cref="Win32Exception">It is not installed.</exception>
    public static async Task<byte[]> RunAsync(string program, string[] arguments, ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OMP_THREAD_LIMIT"] = "1";   // tesseract is slower with more
        using var process = Process.Start(start)!;
        using var kill = cancellationToken.Register(static process => Kill((Process)process!), process);
        try
        {
            var (written, read, heard) = (WriteAsync(process.StandardInput.BaseStream, input, cancellationToken), ReadAsync(process.StandardOutput.BaseStream, cancellationToken), ReadAsync(process.StandardError.BaseStream, cancellationToken));
            var output = await read;
            await Task.WhenAll(written, heard, process.WaitForExitAsync(cancellationToken));
            return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} failed.");
        }
        finally
        {
            Kill(process);
        }
    }

    private static async Task WriteAsync(Stream stream, ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        try
        {
            await stream.WriteAsync(input, cancellationToken);
            stream.Close();
        }
        catch (IOException)
        {
            // It has read enough; its exit code says whether it is content.
        }
    }

    private static async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var output = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            output.Write(buffer, 0, count);
            if (output.Length > MaxOutput)
            {
                throw new InvalidOperationException("More output than wanted.");
            }
        }

        return output.ToArray();
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }
    }
}
