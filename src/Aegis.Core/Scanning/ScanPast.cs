using Aegis.Flow;

namespace Aegis.Scanning;

/// <summary>What came before a text.</summary>
/// <param name="Tail">The end of what entered the same way before: an attack may begin there.</param>
/// <param name="Task">What the user asked for; null where that makes no difference.</param>
internal readonly record struct ScanPast(string Tail, UserRequest? Task);
