namespace Aegis;

/// <summary>
/// Takes data out of a text that nobody trusts, for example with a model that has no tools: see <see cref="AegisSandbox"/>. Thread-safe. It is not believed: what it
/// says must fit the schema, and its texts must stand in the document.
/// </summary>
public interface IExtractor
{
    /// <summary>What a try costs, as well as can be said before; reserved in the session's budgets until it is known.</summary>
    /// <param name="request">The request.</param>
    /// <returns>Tokens; unless said otherwise one for every three characters, and 2,500 besides. Without a model the dearest price counts.</returns>
    TokenUsage Estimate(ExtractionRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new((request.Length / 3) + 500, 2_000);
    }

    /// <summary>Tries once.</summary>
    /// <param name="request">The request. Its text is untrusted: it goes to a model as data only.</param>
    /// <param name="cancellationToken">Cancels the try; also when the time for all tries is over.</param>
    /// <returns>What it says is the data.</returns>
    ValueTask<ExtractorReply> ExtractAsync(ExtractionRequest request, CancellationToken cancellationToken);
}
