namespace Aegis.Policies;

/// <summary>Who writes what a tool returns.</summary>
public enum ToolOutput
{
    /// <summary>Others may: it says nothing about what the user wants.</summary>
    Untrusted,

    /// <summary>Nobody but the app.</summary>
    Trusted,
}
