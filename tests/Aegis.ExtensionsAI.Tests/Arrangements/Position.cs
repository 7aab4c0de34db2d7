namespace Aegis.ExtensionsAI.Tests.Arrangements;

/// <summary>Where Aegis sits.</summary>
public enum Position
{
    /// <summary>UseAegis().UseFunctionInvocation()</summary>
    Outside,

    /// <summary>UseFunctionInvocation().UseAegis()</summary>
    Inside,

    /// <summary>On both sides.</summary>
    Sandwich,

    /// <summary>The app runs the loop.</summary>
    Manual,
}
