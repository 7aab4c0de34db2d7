using Aegis.Scanning;

namespace Aegis.Guarding;

/// <inheritdoc/>
internal sealed class GuardStep<T>(IGuard<T> guard, bool isForeign = false, bool isCustom = false) : GuardStep(guard, isForeign, isCustom)
    where T : Subject
{
    public override GuardStep With(ClassifierGuard other) => new GuardStep<T>((IGuard<T>)(object)other, IsForeign, IsCustom);

    public override ValueTask<Verdict> InspectAsync(Subject subject, GuardContext context, CancellationToken cancellationToken) =>
        guard.InspectAsync((T)subject, context, cancellationToken);
}
