using Aegis.Flow;

namespace Aegis.Scanning;

/// <summary>What a text stands in.</summary>
/// <param name="Tail">The end of what entered the same way before: an attack may begin there.</param>
/// <param name="Task">What the user asked for; null where that makes no difference.</param>
internal readonly record struct ScanContext(string Tail, UserRequest? Task);
