using Aegis.Guarding;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>What becomes of one model response.</summary>
/// <param name="Kind">What happens next.</param>
/// <param name="Why">The inspection that decided; for <see cref="StepResultKind.Release"/> of a last word, what ended the run.</param>
/// <param name="Questions">The calls as questions, when people are asked.</param>
internal readonly record struct StepResult(StepResultKind Kind, Inspection? Why = null, IReadOnlyDictionary<FunctionCallContent, ToolApprovalRequestContent>? Questions = null);
