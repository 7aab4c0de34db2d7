namespace Aegis.OpenTelemetry.Tests.Otlp;

/// <summary>A log record as it arrived.</summary>
internal sealed record OtlpLog(string Category, ulong UnixNanoseconds, ulong Severity, string Body, string Trace, string Span, string EventName, IReadOnlyDictionary<string, object?> Attributes, IReadOnlyDictionary<string, object?> Resource)
{
    public static IEnumerable<OtlpLog> From(byte[] body) =>
        from resource in new Proto(body).All(1)
        from scope in resource.All(2)
        from log in scope.All(2)
        select new OtlpLog(scope.One(1)!.Text(1), log.Number(1), log.Number(2), Proto.Any(log.One(5)) as string ?? "", log.Hex(9), log.Hex(10), log.Text(12), log.Attributes(6), resource.One(1)!.Attributes(1));

    public string? this[string attribute] => Attributes.GetValueOrDefault(attribute) as string;
}
