namespace Aegis.Cli;

/// <summary>The tool's way in.</summary>
internal static class Program
{
    public static int Main(string[] args) => CommandLine.Run(args, Console.Out, Console.Error);
}
