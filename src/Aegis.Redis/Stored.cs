namespace Aegis;

/// <summary>A session as it was found.</summary>
/// <param name="Stamp">Which writing of it.</param>
/// <param name="Lineage">Who has written it until then.</param>
/// <param name="State">The state.</param>
internal readonly record struct Stored(Stamp Stamp, Lineage Lineage, SessionState State);
