using Aegis.Models;
using Aegis.Onnx.Tests.Files;

namespace Aegis.Onnx.Tests.Models;

public sealed class RiskScaleTests : IDisposable
{
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ARowWithoutTheClassOfAttacksIsNoRiskOfZero()
    {
        var scale = new RiskScale(Small.Options(_folder) with { AttackClasses = [0, 2] });
        Assert.Equal(1, scale.RiskOf([9, -9000, 9]));
        Assert.Throws<InvalidOperationException>(() => scale.RiskOf([9, -9000]));
        Assert.Throws<InvalidOperationException>(() => scale.RiskOf([]));
    }
}
