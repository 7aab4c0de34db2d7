namespace Aegis;

/// <summary>
/// Looks at one kind of subject and returns a verdict. A guard over a base record runs wherever a subject of it passes. Guards are pure: no
/// state that changes, no logging; thread-safe. A guard that throws, or whose answer does not come in time, blocks.
/// Only for a <see cref="ToolCall"/> can it ask, and only in a <see cref="TextSubject"/> redact; elsewhere both block.
/// </summary>
/// <typeparam name="T">The kind of subject.</typeparam>
public interface IGuard<in T>
    where T : Subject
{
    /// <summary>Judges a subject.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="context">What a guard may know besides.</param>
    /// <param name="cancellationToken">Cancels the inspection.</param>
    /// <returns>The verdict.</returns>
    ValueTask<Verdict> InspectAsync(T subject, GuardContext context, CancellationToken cancellationToken);
}
