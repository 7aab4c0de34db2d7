using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Aegis.Core.Tests.Sandboxing;

/// <summary>What the tests take out of documents.</summary>
internal sealed record Bill(
    [property: MaxLength(12), Description("The number of the bill.")] Untrusted<string> Number,
    Kind Kind,
    [property: Range(0, 10_000)] decimal Total,
    bool IsPaid,
    [property: MaxLength(3)] IReadOnlyList<Line> Lines,
    [StringLength(60, MinimumLength = 2)] Untrusted<string>? Note = null,
    int? Days = null);
