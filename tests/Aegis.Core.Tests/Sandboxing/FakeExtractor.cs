namespace Aegis.Core.Tests.Sandboxing;

/// <summary>An extractor that says what a test says, and remembers what it was asked for.</summary>
internal sealed class FakeExtractor(Func<ExtractionRequest, CancellationToken, ValueTask<ExtractorReply>> says) : IExtractor
{
    private readonly List<ExtractionRequest> _requests = [];

    public FakeExtractor(string json)
        : this((_, _) => new(new ExtractorReply(json)))
    {
    }

    public IReadOnlyList<ExtractionRequest> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public TokenUsage Estimated { get; init; }

    public TokenUsage Estimate(ExtractionRequest request) => Estimated;

    public ValueTask<ExtractorReply> ExtractAsync(ExtractionRequest request, CancellationToken cancellationToken)
    {
        lock (_requests)
        {
            _requests.Add(request);
        }

        return says(request, cancellationToken);
    }
}
