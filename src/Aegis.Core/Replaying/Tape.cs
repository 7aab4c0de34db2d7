using Aegis.Auditing;
using Aegis.Guarding;

namespace Aegis.Replaying;

/// <summary>
/// All that one inspection hears from outside: the time, sessions as stores have them, answers of judges, people, sandboxes and guards of the app. One that
/// records hands through what it hears; one that plays gives the same answers again, in the same order. Thread-safe.
/// </summary>
internal abstract class Tape
{
    /// <summary>Whether it keeps no texts, so that what depends on texts is heard from it and not found anew.</summary>
    public abstract bool IsHashed { get; }

    /// <summary>Whether it gives answers, and nobody else is asked.</summary>
    public abstract bool IsPlaying { get; }

    /// <summary>Something that is heard from outside.</summary>
    /// <param name="channel">Who is asked: see <see cref="TapeChannels"/>.</param>
    /// <param name="codec">The answer as bytes.</param>
    /// <param name="real">Asks. One that throws is heard to throw.</param>
    public abstract T Ask<T>(string channel, TapeCodec<T> codec, Func<T> real);

    /// <inheritdoc cref="Ask"/>
    public abstract ValueTask<T> AskAsync<T>(string channel, TapeCodec<T> codec, Func<ValueTask<T>> real);

    /// <summary>Something that is found in texts: heard from outside where they are not kept, else found anew.</summary>
    public T Derive<T>(string channel, TapeCodec<T> codec, Func<T> real) => IsHashed ? Ask(channel, codec, real) : real();

    /// <summary>Something that is known of texts and needs no answer where they are not kept.</summary>
    public T? Know<T>(string channel, TapeCodec<T?> codec, Func<T?> real)
        where T : class => !IsHashed ? Ask(channel, codec, real) : IsPlaying ? null : real();

    /// <summary>Something has part in the inspection that cannot be kept.</summary>
    /// <param name="why">What it is, in words for whoever wants to replay it.</param>
    public abstract void Refuse(string why);

    /// <summary>Something is asked now that was not asked then, and it does not show by itself.</summary>
    /// <param name="how">What it is, in words.</param>
    public virtual void Diverge(string how)
    {
    }

    /// <summary>The content of the record of an inspection; null: this one records nothing.</summary>
    /// <param name="outcome">What came of it.</param>
    /// <param name="index">Its place among the calls of its step.</param>
    public abstract IAuditContent? ContentOf(Inspection outcome, int index = 0);
}
