namespace Aegis.Tools.Effects;

/// <summary>How far a tool's effect goes; a later value includes what the earlier ones can do.</summary>
internal enum ToolReach
{
    /// <summary>It only reads.</summary>
    Read,

    /// <summary>It reads from an address or a service outside, so that its arguments leave.</summary>
    Fetch,

    /// <summary>It changes something.</summary>
    Write,

    /// <summary>It hands something to somebody.</summary>
    Egress,
}
