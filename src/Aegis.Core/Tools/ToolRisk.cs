namespace Aegis.Tools;

/// <summary>How much harm a tool can do.</summary>
public enum ToolRisk
{
    /// <summary>It only reads.</summary>
    Low,

    /// <summary>It changes something that can be changed back.</summary>
    Medium,

    /// <summary>It deletes, pays, sends or executes; or nobody knows what it does.</summary>
    High,
}
