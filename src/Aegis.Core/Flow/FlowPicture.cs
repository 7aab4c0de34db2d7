namespace Aegis.Flow;

/// <summary>A memory as it was at a time.</summary>
/// <param name="Everything">What entered it.</param>
/// <param name="Seed">The key of its hashes.</param>
/// <param name="Typed">The end of what was typed last.</param>
/// <param name="Returned">The end of what came from elsewhere last.</param>
/// <param name="Forgotten">Whether it has forgotten something, or nobody has asked yet.</param>
/// <param name="IsShared">Whether other instances know of it.</param>
internal sealed record FlowPicture(FlowEntry Everything, ulong Seed, string Typed, string Returned, byte Forgotten, bool IsShared);
