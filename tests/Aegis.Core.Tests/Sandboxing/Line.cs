using System.ComponentModel.DataAnnotations;

namespace Aegis.Core.Tests.Sandboxing;

/// <summary>A part of a bill.</summary>
internal sealed record Line([property: MaxLength(40)] Untrusted<string> Name, [Range(1, 999)] int Count);
