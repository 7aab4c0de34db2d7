namespace Aegis.Cli;

/// <summary>What a command tells the shell.</summary>
internal static class ExitCode
{
    public const int Clean = 0;

    /// <summary>Findings at or above the gate.</summary>
    public const int Findings = 1;

    /// <summary>The command's words, or a policy, are wrong.</summary>
    public const int Usage = 2;

    /// <summary>The tool itself failed.</summary>
    public const int Internal = 3;
}
