using System.Collections;

namespace Aegis;

/// <summary>
/// A value from outside, set aside: whoever prints, logs, compares or serialises it gets where it came from and how long it is, never what it
/// says. What is made of it stays wrapped, and only <see cref="Untrusted{T}.ReleaseAsync"/> lets it out.
/// </summary>
public abstract class Untrusted
{
    /// <summary>Characters of a source's name, at most.</summary>
    public const int MaxSourceLength = 128;

    /// <summary>The rule of a value that was let out.</summary>
    internal const string Released = "untrusted/released";

    private protected Untrusted(string source, int? length)
    {
        Source = source;
        Length = length;
    }

    /// <summary>Where it came from, for example a tool's name.</summary>
    public string Source { get; }

    /// <summary>Characters of a text, items of a collection.</summary>
    /// <value><see langword="null"/>: it is neither.</value>
    public int? Length { get; }

    /// <summary>Wraps a value.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="source">Where it came from, in words of the host: printed, logged and in events.</param>
    /// <returns>The wrapped value.</returns>
    /// <exception cref="ArgumentException"><paramref name="source"/> is empty, too long or has control characters.</exception>
    public static Untrusted<T> From<T>(T value, string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return source.Length is 0 or > MaxSourceLength || source.Any(char.IsControl)
            ? throw new ArgumentException($"A source has 1 to {MaxSourceLength} characters and no control characters.", nameof(source))
            : new(value, source, LengthOf(value));
    }

    /// <summary>Source and length.</summary>
    /// <returns>For example <c>[untrusted web_search, 1234]</c>.</returns>
    public sealed override string ToString() => Length is { } length ? FormattableString.Invariant($"[untrusted {Source}, {length}]") : $"[untrusted {Source}]";

    internal static int? LengthOf<T>(T value) => value switch
    {
        string text => text.Length,
        ICollection items => items.Count,
        _ => null,
    };
}
