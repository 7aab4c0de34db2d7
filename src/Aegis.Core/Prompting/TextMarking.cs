using System.Security.Cryptography;

namespace Aegis.Prompting;

/// <summary>
/// Marks text from outside with something random that does not occur in it, and undoes it: <c>Unmark(Mark(x))</c> is <c>x</c> for every text that
/// <see cref="MayMark"/>. Immutable.
/// </summary>
internal abstract class TextMarking
{
    private const int NonceBytes = 16;

    private protected TextMarking()
    {
    }

    /// <summary>How it marks; <see cref="MarkingStrategy.Encoding"/> where no character was left for <see cref="MarkingStrategy.Datamarking"/>.</summary>
    public abstract MarkingStrategy Strategy { get; }

    /// <summary>What tells a model how marked text is to be taken.</summary>
    public abstract string Sentence { get; }

    /// <summary>What is taken out of what a model says, wherever it stands; empty: what it quotes is the text itself.</summary>
    public abstract IReadOnlyList<string> Tokens { get; }

    /// <summary>Fills with random bytes: the system's.</summary>
    public static Action<Span<byte>> Random { get; } = static bytes => RandomNumberGenerator.Fill(bytes);

    /// <summary>A marking whose random part occurs in none of the texts.</summary>
    /// <param name="strategy">How.</param>
    /// <param name="texts">All texts of the prompt, those that are not marked too.</param>
    /// <param name="random">Fills with random bytes.</param>
    public static TextMarking Create(MarkingStrategy strategy, IReadOnlyCollection<string> texts, Action<Span<byte>> random)
    {
        if (strategy == MarkingStrategy.Datamarking && Datamarking.Choose(texts, random) is { } marker)
        {
            return new Datamarking(marker);
        }

        Span<byte> bytes = stackalloc byte[NonceBytes];
        string nonce;
        do
        {
            random(bytes);
            nonce = Convert.ToHexStringLower(bytes);
        }
        while (texts.Any(text => text.Contains(nonce, StringComparison.OrdinalIgnoreCase)));

        return strategy switch
        {
            MarkingStrategy.Delimiters => new DelimiterMarking(nonce),
            MarkingStrategy.Json => new JsonMarking(nonce),
            MarkingStrategy.Datamarking or MarkingStrategy.Encoding => new EncodingMarking(nonce),
            _ => throw new ArgumentOutOfRangeException(nameof(strategy)),
        };
    }

    /// <summary>Whether the random part does not occur in a text.</summary>
    public abstract bool MayMark(string text);

    /// <summary>The text as a model gets it.</summary>
    /// <exception cref="ArgumentException">The random part occurs in it.</exception>
    public string Mark(string text) => MayMark(text) ? MarkAny(text) : throw new ArgumentException("The random part of the mark occurs in the text.", nameof(text));

    /// <summary>The same for a text that comes when the random part is chosen already: where it has that itself, the model reads U+FFFD.</summary>
    public string MarkLate(string text) => MarkAny(MayMark(text) ? text : Without(text));

    /// <summary>A text as it was before it was marked; marks inside a longer text are undone where they stand.</summary>
    public virtual string Unmark(string text)
    {
        var remover = new MarkRemover(Tokens);
        return remover.Push(text) + remover.Flush();
    }

    private protected abstract string MarkAny(string text);

    private protected abstract string Without(string text);
}
