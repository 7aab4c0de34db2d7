namespace Aegis.Policies;

/// <summary>Which tools are approved.</summary>
public enum ToolIntegrityMode
{
    /// <summary>A tool is approved as it is when the guard, or whoever shares its pins, sees it first.</summary>
    FirstUse,

    /// <summary>Only tools that have a pin already: from the app, from a file, or by <see cref="AegisTools.ApproveAsync"/>.</summary>
    Pinned,
}
