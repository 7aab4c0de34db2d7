using System.Diagnostics;
using System.Text.Json.Serialization;

namespace Aegis;

/// <inheritdoc cref="Untrusted"/>
/// <remarks>Two are equal when they are the same one: comparing what is in them would tell what is in them. Immutable if the value is.</remarks>
/// <typeparam name="T">The type of the value.</typeparam>
[DebuggerDisplay("{ToString(),nq}")]
[JsonConverter(typeof(UntrustedJsonConverter))]
public sealed class Untrusted<T> : Untrusted
{
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private readonly T _value;

    internal Untrusted(T value, string source, int? length)
        : base(source, length)
    {
        _value = value;
    }

    /// <summary>The value, for what goes on only marked, or stays in quarantine.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    internal T Value => _value;

    /// <summary>Makes something of the value; it stays wrapped, with the same source.</summary>
    /// <typeparam name="TResult">The type of what is made.</typeparam>
    /// <param name="map">Makes it.</param>
    /// <returns>The wrapped result.</returns>
    /// <exception cref="AegisException"><paramref name="map"/> has thrown. What it threw is named by type only: the text of exceptions quotes values.</exception>
    public Untrusted<TResult> Map<TResult>(Func<T, TResult> map)
    {
        ArgumentNullException.ThrowIfNull(map);
        try
        {
            var result = map(_value);
            return new(result, Source, LengthOf(result));   // a collection may run the map only when it is counted
        }
        catch (Exception e)
        {
            throw Failed(e);
        }
    }

    /// <summary>
    /// Lets the value out. Its text passes the guard as a result of a tool that is called as the source, and the event says with rule
    /// <c>untrusted/released</c> that it was released and how long the reason is, nothing of either. A text comes out as it may go on, with the parts
    /// left out that the policy redacts; any other value comes out whole or not at all.
    /// </summary>
    /// <param name="guard">The guard.</param>
    /// <param name="session">Whose conversation it is.</param>
    /// <param name="reason">Why the app may read it.</param>
    /// <param name="text">Everything in the value that anybody could read, when it is no text itself.</param>
    /// <param name="cancellationToken">Cancels the inspection.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ArgumentException"><paramref name="reason"/> is empty, <paramref name="session"/> is <c>default</c>, or the value is no text and <paramref name="text"/> is missing.</exception>
    /// <exception cref="AegisBlockedException">The policy blocks it.</exception>
    /// <exception cref="AegisException"><paramref name="text"/> has thrown.</exception>
    public async ValueTask<T> ReleaseAsync(AegisGuard guard, SessionId session, string reason, Func<T, string>? text = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(guard);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        var read = text is null ? _value as string ?? throw new ArgumentException("What is no text needs one: say what can be read in it.", nameof(text)) : TextOf(text);
        var finding = new Finding(Released, Decision.Flag) { Detail = FormattableString.Invariant($"{read.Length} characters, for a reason of {reason.Length}") };
        var inspection = await guard.InspectReleaseAsync(new(Source, read), session, finding, cancellationToken);
        if (!inspection.MayProceed)
        {
            throw new AegisBlockedException(inspection.Verdict, inspection.Id.ToString());
        }

        var passed = ((ToolResult)inspection.Subject).Text;
        return string.Equals(passed, read, StringComparison.Ordinal) ? _value
            : text is null ? (T)(object)passed
            : throw new AegisBlockedException(inspection.Verdict.And(Finding.Block("untrusted/redacted", "a part of the value may not go on, and it cannot be left out")), inspection.Id.ToString());
    }

    private string TextOf(Func<T, string> text)
    {
        string? read;
        try
        {
            read = text(_value);
        }
        catch (Exception e)
        {
            throw Failed(e);
        }

        return read ?? throw new AegisException($"The text of an untrusted value from '{Source}' is null.");
    }

    private AegisException Failed(Exception e) => new($"A function of an untrusted value from '{Source}' threw {e.GetType().Name}.");
}
